// What browsers run is made of the sources that everything else runs, ahead of time: the server needs no bundler, and what it
// serves can be read in the repository. A test says when it is out of date.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where the script of the person's page lies once it is made. */
export const HISTORY_JS: string = `${root}packages/server/pages/history.js`

/** One module for browsers, minified. */
export async function bundle(entry: string): Promise<string> {
  const build = await rolldown({ input: `${root}${entry}`, cwd: root, platform: 'browser', tsconfig: false })
  const { output } = await build.generate({ format: 'esm', minify: true, comments: false })
  await build.close()
  return output[0].code
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(HISTORY_JS, await bundle('packages/sdk/browser/history.ts'))
}
