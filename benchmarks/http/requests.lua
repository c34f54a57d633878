-- Sends the requests of a file in a random order: method, path, accept, etag, encoding and body of each, separated by tabs.
-- {key} in a body becomes a fresh UUID. Every request comes from another address and another of many devices, because
-- the door limits both. Arguments: the file, a seed.
local lines, number = {}, 0

local function random_key()
  local r = math.random
  return string.format("%08x-%04x-4%03x-8%03x-%06x%06x", r(0, 2 ^ 31 - 1), r(0, 65535), r(0, 4095), r(0, 4095),
    r(0, 2 ^ 24 - 1), r(0, 2 ^ 24 - 1))
end

function init(args)
  math.randomseed(tonumber(args[2]))
  for line in io.lines(args[1]) do
    local method, path, accept, etag, encoding, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    number = number + 1
    lines[number] = { method, path, accept, etag, encoding, body }
  end
end

function request()
  local line, r = lines[math.random(number)], math.random
  local headers = {
    ["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) Bench/" .. r(1, 500),
    ["X-Forwarded-For"] = string.format("10.%d.%d.%d", r(0, 255), r(0, 255), r(1, 254)),
    ["Accept"] = line[3],
  }
  local body
  if line[4] ~= "" then headers["If-None-Match"] = line[4] end
  if line[5] ~= "" then headers["Accept-Encoding"] = line[5] end
  if line[6] ~= "" then
    body = line[6]:gsub("{key}", random_key, 1)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  return wrk.format(line[1], line[2], headers, body)
end
