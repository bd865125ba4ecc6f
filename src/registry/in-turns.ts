/**
 * Uses every one of `items`, at most `width` at a time. The first error ends it: what is under way
 * is waited for, and nothing more is begun.
 */
export async function inTurns<T>(
  items: readonly T[],
  width: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await use(item);
      } catch (error) {
        failure ??= { error };
        left.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  if (failure !== undefined) throw failure.error;
}
