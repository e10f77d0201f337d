/** A valid image name for a folder's name: lower case, only what a repository may hold, `latest`. */
export function suggestTag(folder: string): string {
  const repository = folder
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return `${repository === '' ? 'image' : repository}:latest`;
}
