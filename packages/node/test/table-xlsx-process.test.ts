import { describe, expect, test, vi } from 'vitest'
import { openTable } from '../src/import/table/open-table.ts'
import { runXlsxProcess } from '../src/import/table/xlsx/run-xlsx-process.ts'
import { fileOf, grid, read, refusal, temporaryFolder } from './table-fixture.ts'
import { textRow, workbookOf } from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()
const withRows = (rows: string) => workbookOf({ sheets: { A: rows } })

describe('the process that reads a workbook', () => {
  const processes = () =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap').length
  const rows = Array.from({ length: 20_000 }, (_, i) => textRow(i + 1, `text ${i}`)).join('')

  test('dies alone of texts that need too much memory', async () => {
    const strings = Array.from({ length: 400_000 }, (_, i) => `<si><t>text ${i}</t></si>`).join('')
    const bytes = workbookOf({ sheets: { A: textRow(1, 'a') }, strings })
    const output = runXlsxProcess(fileOf(folder, bytes, 'texts.xlsx'), ['texts.xlsx'], {
      heapMiB: 24,
      stallMs: 30_000,
    })
    await expect(Array.fromAsync(output)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringMatching(
        /^texts\.xlsx needs too much memory .*; save the sheet as CSV$/,
      ),
    })
  })

  test('ends when its reader stops', async () => {
    const before = processes()
    const table = await openTable(fileOf(folder, withRows(rows), 'long.xlsx'))
    expect(processes()).toBe(before)
    const reading = table.rows()
    expect(await reading.next()).toMatchObject({ value: { row: 2 } })
    expect(processes()).toBe(before + 1)
    await reading.return(undefined)
    expect(processes()).toBe(before)
  })

  test('is killed when it says nothing for too long', async () => {
    const before = processes()
    const output = runXlsxProcess(
      fileOf(folder, withRows(textRow(1, 'a')), 'slow.xlsx'),
      ['slow.xlsx'],
      {
        heapMiB: 64,
        stallMs: 1,
      },
    )
    await expect(Array.fromAsync(output)).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringMatching(/^slow\.xlsx takes too long/),
    })
    expect(processes()).toBe(before)
  })

  test('waits for its reader', async () => {
    const reading = await openTable(fileOf(folder, withRows(rows), 'long.xlsx'))
    let count = 0
    for await (const row of reading.rows()) {
      count += 1
      if (row.row % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(count).toBe(19_999)
  })

  test('takes any name of a file and a sheet', async () => {
    const name = '--eval=%00 "π".xlsx'
    const bytes = workbookOf({ sheets: { 'Mines %41 &amp; π': textRow(1, 'a') + textRow(2, '1') } })
    const source = { ...fileOf(folder, bytes, 'odd.xlsx'), name }
    expect(grid(await read(source, { sheet: 'Mines %41 & π' }))).toEqual([['1']])
    expect((await refusal(source, { sheet: 'a\0\ud800' })).message).toContain(
      'there is no sheet "a\\u0000\ufffd"',
    )
  })
})
