const LONGEST_PATH = 44;

/**
 * A path with its middle left out: what it begins with and the file it ends with stay, as many folders as fit between.
 * `most` in characters; a name that is longer than that alone is kept whole.
 */
export function shortPath(path: string, most = LONGEST_PATH): string {
  if (path.length <= most) return path;
  const separator = path.includes('\\') && !path.includes('/') ? '\\' : '/';
  const parts = path.split(separator);
  const head = parts[0] === '' ? `${separator}${parts[1] ?? ''}` : (parts[0] ?? '');
  const rest = parts.slice(parts[0] === '' ? 2 : 1);
  let tail = rest.pop();
  if (tail === undefined || rest.length === 0) return path;
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (head.length + tail.length + next.length + 4 > most) break;
    tail = `${next}${separator}${tail}`;
  }
  return `${head}${separator}…${separator}${tail}`;
}
