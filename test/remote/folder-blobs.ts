// What the writers of a shared folder in tests give it.

/** `sizeBytes` bytes that `name` decides. */
export function folderBlob(name: string, sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes, `${name} `);
}

/** What all writers have: small ones, and some that take many calls to write. */
export function folderBlobs(): readonly Buffer[] {
  return Array.from({ length: 24 }, (_, i) =>
    folderBlob(`blob ${i}`, i % 3 === 0 ? 1_500_000 + i : 100 * i),
  );
}

/** The result that `writer` gives, longer than a disk's page. */
export function folderResult(writer: string): Buffer {
  return folderBlob(`result of ${writer}`, 20_000);
}

/** One that goes in no batch. */
export function largeBlob(): Buffer {
  return folderBlob("large", 3_000_000);
}
