/** What `await using` does, which Node 20 cannot read and these files run on it without a bundler. */
export async function withResource<Resource extends AsyncDisposable, Result>(
  opening: Resource | Promise<Resource>,
  work: (resource: Resource) => Promise<Result>,
): Promise<Result> {
  const resource = await opening;
  try {
    return await work(resource);
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}
