import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { WorkbookWriter } from '@cj-tech-master/excelts'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { TableOptions } from '../src/import/table/table.ts'
import { temporaryFolder } from './table-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()
const Measure = z.strictObject({
  rows: z.int(),
  code: z.string(),
  growthMiB: z.number(),
  ms: z.number(),
})

/** Reads a file in a process of its own, and says what it took. */
async function measure(path: string, options: TableOptions = {}): Promise<z.infer<typeof Measure>> {
  const program = fileURLToPath(new URL('table-measure.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    path,
    JSON.stringify(options),
  ])
  const taken = Measure.parse(JSON.parse(stdout))
  process.stdout.write(
    `${path.slice(folder.length + 1)}${options.format ? ` as ${options.format}` : ''}: ${taken.rows} rows, ${Math.round(taken.ms)} ms, ${Math.round(taken.growthMiB)} MiB more\n`,
  )
  return taken
}

async function write(name: string, parts: Iterable<string | Uint8Array>): Promise<string> {
  const path = join(folder, name)
  await pipeline(Readable.from(parts), createWriteStream(path))
  return path
}

describe('memory does not grow with', () => {
  test('a line of a gigabyte, which is refused', async () => {
    const path = await write('line.txt', Array<Uint8Array>(64).fill(Buffer.alloc(2 ** 24, 'x')))
    for (const format of ['csv', 'jsonl'] as const) {
      const { code, growthMiB, ms } = await measure(path, { format })
      expect(code).toBe('ROW_TOO_LARGE')
      expect(growthMiB).toBeLessThan(200)
      expect(ms).toBeLessThan(20_000)
    }
  })

  test.each<[name: string, first: string, row: (i: number) => string, last: string]>([
    ['long.csv', 'id,maker,note\n', (i) => `${i},"Werft ${i}",${'ü'.repeat(40)}\n`, ''],
    ['long.jsonl', '', (i) => `{"id":${i},"maker":"Werft ${i}","note":"${'ü'.repeat(40)}"}\n`, ''],
    [
      'long.json',
      '[{"id":-1}',
      (i) => `,{"id":${i},"maker":"Werft ${i}","note":"${'ü'.repeat(40)}"}\n`,
      ']',
    ],
  ])('%s of 100,000 rows', async (name, first, row, last) => {
    function* parts() {
      yield first
      for (let i = 0; i < 100; i += 1)
        yield Array.from({ length: 1000 }, (_, j) => row(i * 1000 + j)).join('')
      yield last
    }
    const { rows, code, growthMiB } = await measure(await write(name, parts()))
    expect(code).toBe('')
    expect(rows).toBeGreaterThanOrEqual(100_000)
    expect(growthMiB).toBeLessThan(120)
  })

  test('a workbook of 100,000 rows and 20 columns', async () => {
    const path = join(folder, 'long.xlsx')
    const workbook = new WorkbookWriter({
      filename: path,
      useSharedStrings: true,
      zip: { compressionOptions: { level: 1 } },
    })
    const sheet = workbook.addWorksheet('Data')
    sheet.addRow(Array.from({ length: 20 }, (_, i) => `c${i}`)).commit()
    for (let row = 0; row < 100_000; row += 1)
      sheet
        .addRow(Array.from({ length: 20 }, (_, i) => (i % 2 ? row * i : `text ${row % 5000} ${i}`)))
        .commit()
    sheet.commit()
    await workbook.commit()
    const { rows, code, growthMiB } = await measure(path)
    expect(code).toBe('')
    expect(rows).toBe(100_000)
    expect(growthMiB).toBeLessThan(120)
  })
})
