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

/** A file of an archive, and what the archive says of it. */
export interface ZipPart {
  readonly packed: Uint8Array
  readonly sizeBytes: number
  readonly sum: number
  /** 0 is stored, 8 is deflated. */
  readonly method: number
  readonly flags: number
}

export function pack(data: string | Uint8Array): ZipPart {
  const bytes = Buffer.from(data)
  const packed = deflateRawSync(bytes, { level: bytes.length > 1_000_000 ? 1 : 9 })
  return { packed, sizeBytes: bytes.length, sum: crc32(bytes), method: 8, flags: 0 }
}

/**
 * A ZIP archive.
 * @param long its directory has 64-bit numbers, as that of an archive of many gigabytes
 * @see APPNOTE.TXT 6.3.10, section 4.3
 */
export function zipOf(
  parts: Readonly<Record<string, ZipPart | string | Uint8Array>>,
  long = false,
): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, data] of Object.entries(parts)) {
    const part = typeof data === 'string' || data instanceof Uint8Array ? pack(data) : data
    const name = Buffer.from(path)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(part.flags, 2)
    common.writeUInt16LE(part.method, 4)
    common.writeUInt32LE(part.sum, 10)
    common.writeUInt32LE(part.packed.length, 14)
    common.writeUInt32LE(part.sizeBytes, 18)
    common.writeUInt16LE(name.length, 22)
    files.push(Buffer.from('PK\x03\x04'), common, name, Buffer.from(part.packed))
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    const extra = long ? longNumbers(0x00180001, part.sizeBytes, part.packed.length, offset) : none
    const head = Buffer.from(common)
    if (long) {
      head.fill(0xff, 14, 22)
      place.fill(0xff, 10)
      head.writeUInt16LE(extra.length, 24)
    }
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), head, place, name, extra)
    offset += 30 + name.length + part.packed.length
  }
  const entries = Buffer.concat(directory)
  const count = Object.keys(parts).length
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  if (long) {
    const record = Buffer.alloc(56)
    record.write('PK\x06\x06', 'latin1')
    for (const [i, number] of [count, count, entries.length, offset].entries())
      record.writeBigUInt64LE(BigInt(number), 24 + 8 * i)
    const locator = Buffer.alloc(20)
    locator.write('PK\x06\x07', 'latin1')
    locator.writeBigUInt64LE(BigInt(offset + entries.length), 8)
    return Buffer.concat([...files, entries, record, locator, end.fill(0xff, 8, 20)])
  }
  end.writeUInt16LE(count, 8)
  end.writeUInt16LE(count, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, entries, end])
}

const none = Buffer.alloc(0)
function longNumbers(head: number, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 8 * numbers.length)
  bytes.writeUInt32LE(head)
  for (const [i, number] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(number), 4 + 8 * i)
  return bytes
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
  const parts: Record<string, string> = {
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
