// What has been filled in and not yet reached the server, kept on the telephone: one record for each item, one for each
// photo. It outlives the page, the session and the signal. Where nothing may be kept, a list in memory stands in.
"use strict";
window.sheetStore = (() => {
  const NAME = "xiaowu-sheets";
  const TABLE = "pending";

  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  const inMemory = () => {
    const rows = new Map();
    return {
      isKept: false,
      all: async () => [...rows.values()],
      put: async (row) => { rows.set(row.id, row); },
      drop: async (id) => { rows.delete(id); },
    };
  };

  const open = async () => {
    try {
      const opening = indexedDB.open(NAME, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE, { keyPath: "id" });
      const database = await asked(opening);
      const table = (mode) => database.transaction(TABLE, mode).objectStore(TABLE);
      return {
        isKept: true,
        all: () => asked(table("readonly").getAll()),
        put: (row) => asked(table("readwrite").put(row)),
        drop: (id) => asked(table("readwrite").delete(id)),
      };
    } catch {
      return inMemory();
    }
  };

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  // A photo as large as anybody needs, turned upright and without where and when it was taken.
  const shrunk = async (file, longest = 1600) => {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.85);
    });
  };

  const drawn = async (blob) => {
    const canvas = document.createElement("canvas");
    const bitmap = await createImageBitmap(blob);
    canvas.width = 208;
    canvas.height = 156;
    const scale = Math.max(208 / bitmap.width, 156 / bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext("2d").drawImage(bitmap, (208 - width) / 2, (156 - height) / 2, width, height);
    bitmap.close();
    return canvas;
  };

  return { open, uuid, shrunk, drawn };
})();
