import { crc32, deflateRawSync } from 'node:zlib'
import type { Message } from '../src/import/table/xlsx/message.ts'
import { readWorkbook } from '../src/import/table/xlsx/read-workbook.ts'

/** What the process that reads workbooks would say of these bytes. */
export const messagesOf = (bytes: Uint8Array, sheet?: string): Promise<readonly Message[]> =>
  Array.fromAsync(
    readWorkbook(
      {
        size: bytes.length,
        read: async (start, end) => {
          if (start < 0 || end > bytes.length) throw new Error('the file ends too early')
          return bytes.subarray(start, end)
        },
      },
      'a.xlsx',
      sheet,
    ),
  )

/** Code and message with which a workbook is refused; undefined for one that is read to its end. */
export async function workbookRefusal(bytes: Uint8Array, sheet?: string) {
  const last = (await messagesOf(bytes, sheet)).at(-1)
  return last && 'error' in last ? last.error : undefined
}

export interface ZipPart {
  readonly data: string | Uint8Array
  /** Size that the directory gives, if not the true one. */
  readonly claims?: number
  readonly stored?: boolean
}

/** A ZIP archive. */
export function zipOf(parts: Readonly<Record<string, ZipPart | string>>): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, part] of Object.entries(parts)) {
    const { data, claims, stored = false } = typeof part === 'string' ? { data: part } : part
    const bytes = Buffer.from(data)
    const packed = stored ? bytes : deflateRawSync(bytes, { level: 9 })
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(stored ? 0 : 8, 4)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claims ?? bytes.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    files.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + packed.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Object.keys(parts).length, 8)
  end.writeUInt16LE(Object.keys(parts).length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, entries, end])
}

const officeTypes = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
export const relationships = (
  targets: readonly (readonly [id: string, type: string, target: string])[],
) =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
    .map(
      ([id, type, target]) =>
        `<Relationship Id="${id}" Type="${officeTypes}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`

export interface WorkbookShape {
  /** XML inside the list of rows, by name of the sheet; a name that begins with `-` is hidden. */
  readonly sheets: Readonly<Record<string, string>>
  /** XML of the strings. */
  readonly strings?: string
  /** XML inside the styles. */
  readonly styles?: string
  /** XML in front of and behind the list of sheets. */
  readonly before?: string
  readonly after?: string
}

/** The parts of a workbook as Excel names them, sheets before the shared strings. */
export function partsOf({ sheets, strings, styles, before = '', after = '' }: WorkbookShape) {
  const names = Object.keys(sheets)
  const list = names
    .map((name, i) => {
      const state = name.startsWith('-') ? ' state="hidden"' : ''
      return `<sheet name="${name.replace('-', '')}" sheetId="${i + 1}"${state} r:id="rId${i + 1}"/>`
    })
    .join('')
  const parts: Record<string, ZipPart | string> = {
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    '_rels/.rels': relationships([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${officeTypes}">${before}<sheets>${list}</sheets>${after}</workbook>`,
    'xl/_rels/workbook.xml.rels': relationships([
      ...names.map((_, i) => [`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`] as const),
      ...(strings === undefined ? [] : [['s', 'sharedStrings', 'sharedStrings.xml'] as const]),
      ...(styles === undefined ? [] : [['f', 'styles', 'styles.xml'] as const]),
    ]),
  }
  for (const [i, name] of names.entries())
    parts[`xl/worksheets/sheet${i + 1}.xml`] = sheetXml(sheets[name] ?? '')
  if (strings !== undefined) parts['xl/sharedStrings.xml'] = `<sst>${strings}</sst>`
  if (styles !== undefined) parts['xl/styles.xml'] = `<styleSheet>${styles}</styleSheet>`
  return parts
}

export const sheetXml = (rows: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`

export const workbookOf = (shape: WorkbookShape): Buffer => zipOf(partsOf(shape))

/** A row of cells that hold their text themselves. */
export const textRow = (row: number, ...texts: readonly string[]): string =>
  `<row r="${row}">${texts.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`
