/** Entries of a list that stood in it before, each as often as it comes again. */
export function repeated(list: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return list.filter((entry) => {
    const again = seen.has(entry);
    seen.add(entry);
    return again;
  });
}
