import { openTable } from '../src/import/table/open-table.ts'
import { fileSource, TableOptions } from '../src/import/table/table.ts'

/** Reads the file of the first argument, with the options of the second, and says what that took. */
const [path = '', options = '{}'] = process.argv.slice(2)
const before = process.memoryUsage().rss
const start = performance.now()
let rows = 0
let code = ''
try {
  const table = await openTable(fileSource(path), TableOptions.parse(JSON.parse(options)))
  for await (const row of table.rows()) if ('cells' in row) rows += 1
} catch (error) {
  code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
const growthMiB = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20
process.stdout.write(JSON.stringify({ rows, code, growthMiB, ms: performance.now() - start }))
