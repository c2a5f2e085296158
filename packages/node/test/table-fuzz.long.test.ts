import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ImportError } from '../src/import/import-error.ts'
import type { TableOptions } from '../src/import/table/table.ts'
import { fileOf, read, refusal, sourceOf, temporaryFolder } from './table-fixture.ts'
import { messagesOf, partsOf, sheetXml, textRow, workbookOf, zipOf } from './workbook-fixture.ts'

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const folder = temporaryFolder()

/** Rows, or a code; any other error fails the test. */
async function ends(bytes: Uint8Array, name: string, options?: TableOptions): Promise<string> {
  try {
    return `${(await read(sourceOf(bytes, name, 13), options)).rows.length} rows`
  } catch (error) {
    if (error instanceof ImportError && error.message.startsWith(name)) return error.code
    throw error
  }
}

const tables = {
  'a.csv': '\ufeffid,"name, both"\r\n1,"Bøye ""A"""\r\n\r\n2,"two\nlines"\r\n3,😀\r\n',
  'a.json': '[{"id":1,"name":{"of":"Bøye \\"A\\""}},\n {"id":[2,"x"],"😀":null}]\n',
  'a.jsonl': '{"id":1.50,"name":"Bøye"}\n\n{"id":{"a":[1,2]}}\n{"id":"😀"}\n',
}
const workbook = workbookOf({
  sheets: {
    A: `${textRow(1, 'a')}<row r="2"><c t="s"><v>0</v></c></row>`,
  },
  strings: '<si><t>shared</t></si>',
  styles: '<cellXfs><xf numFmtId="14"/></cellXfs>',
})

describe('a damaged table', () => {
  test.each(Object.entries(tables))(
    '%s, cut off anywhere, ends in rows or a code',
    async (name, text) => {
      const bytes = Buffer.from(text)
      const outcomes = new Set<string>()
      for (let size = 0; size <= bytes.length; size += 1)
        outcomes.add(await ends(bytes.subarray(0, size), name))
      expect(outcomes.size).toBeGreaterThan(2)
    },
  )

  test.each(Object.entries(tables))(
    '%s, with any byte changed, ends in rows or a code',
    async (name, text) => {
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += 1)
        for (const change of [1, 0x20, 0x80, 0xff]) {
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ change
          await ends(changed, name)
        }
    },
  )

  test.each<TableOptions>([
    {},
    { format: 'csv' },
    { format: 'csv', delimiter: 'a', quote: 'b', headerRow: 2 },
    { format: 'json' },
    { format: 'json', rows: 'a.b' },
    { format: 'jsonl' },
    { format: 'jsonl', encoding: 'utf-16le' },
    { format: 'csv', encoding: 'shift_jis' },
  ])('of any bytes ends in rows or a code, read as %o', async (options) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            ',',
            ';',
            '\n',
            '\r',
            '{',
            '}',
            '[',
            ']',
            ':',
            'a',
            'b',
            '"a"',
            '1',
            'é',
            '\\',
            ' ',
          ),
          { maxLength: 60 },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('a', 'a.csv', 'a.json'), async (each, name) => {
        expect(await ends(each, name, options)).toMatch(/^(\d+ rows|[A-Z_]+)$/)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a damaged workbook', () => {
  test('cut off anywhere is refused', async () => {
    for (let size = 4; size < workbook.length; size += 1)
      expect((await messagesOf(workbook.subarray(0, size))).at(-1)).toMatchObject({
        error: { code: 'NOT_A_WORKBOOK' },
      })
  })

  test('with any byte changed is refused or says the same', async () => {
    const whole = await messagesOf(workbook)
    expect(whole.at(-1)).toEqual({ end: true })
    let refused = 0
    for (let at = 0; at < workbook.length; at += 1) {
      const changed = Buffer.from(workbook)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      const messages = await messagesOf(changed)
      const last = messages.at(-1)
      if (last && 'error' in last) refused += 1
      else expect(messages).toEqual(whole)
    }
    expect(refused).toBeGreaterThan(workbook.length / 3)
  })

  test('with rows of any tags ends in rows or a code', async () => {
    const piece = fc.constantFrom(
      '<row>',
      '<row r="2">',
      '</row>',
      '<c>',
      '<c t="s">',
      '<c t="inlineStr" s="9">',
      '<c t="e"/>',
      '</c>',
      '<v>',
      '</v>',
      '<f>',
      '<f t="array" ref="A1:B2">',
      '</f>',
      '<is>',
      '</is>',
      '<t>',
      '</t>',
      '<rPh>',
      '</rPh>',
      '1',
      'x',
      '&amp;',
      '&#0;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?x',
      '?>',
      '</sheetData>',
      '<sheetData>',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const bytes = workbookOf({ sheets: { A: pieces.join('') } })
        const last = (await messagesOf(bytes)).at(-1)
        expect(last && ('end' in last || 'error' in last)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('is refused by its own process as well', async () => {
    for (const size of [4, 1000, workbook.length - 1])
      expect(await refusal(fileOf(folder, workbook.subarray(0, size), 'cut.xlsx'))).toMatchObject({
        code: 'NOT_A_WORKBOOK',
        message: expect.stringMatching(
          /^cut\.xlsx: it is cut off or damaged: .*; save the workbook again$/,
        ),
      })
  })

  test('of any XML in any part ends in rows or a code', async () => {
    const parts = partsOf({ sheets: { A: textRow(1, 'a') }, strings: '', styles: '' })
    const xml = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        '<a/>',
        '<sst><si>',
        '<styleSheet><cellXfs><xf numFmtId="x"/></cellXfs></styleSheet>',
        sheetXml('<row/>'),
        '<Relationships><Relationship Id="rId1" Type="/worksheet" Target="../../.."/></Relationships>',
        '<workbook><sheets><sheet/></sheets></workbook>',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(parts)), xml, async (name, content) => {
        const last = (await messagesOf(zipOf({ ...parts, [name]: content }))).at(-1)
        expect(last && ('end' in last || 'error' in last)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
