/** How many servers are waited for at once. */
const atOnce = 8;

/** Calls `use` with each of `items`, a few at a time, as they wait for servers. */
export async function eachOf<T>(
  items: readonly T[],
  use: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await use(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
