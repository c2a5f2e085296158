import { TextDecoder } from 'node:util'
import { SaxParser, type SaxTag } from '@cj-tech-master/excelts/xml'
import { WorkbookError } from './workbook-error.ts'

/** What happens in a part, by names without namespace prefix: programs differ in the prefixes that they choose. */
export interface XmlEvents {
  readonly open: (name: string, attributes: SaxTag['attributes']) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

/** Characters without a tag; formulas and cells are far shorter. */
const maxRunChars = 1 << 20

/**
 * Walks over the XML of a part and yields after each piece of it, when all events so far have happened. Nothing is
 * taken from a document type: no entity is defined, none is fetched.
 * @throws {Error} for what is not well-formed; `WorkbookError` `ROW_TOO_LARGE`
 */
export async function* walkXml(
  bytes: AsyncIterable<Uint8Array>,
  events: XmlEvents,
): AsyncGenerator<void> {
  const parser = new SaxParser({ position: false })
  let run = 0
  parser.on('opentag', ({ name, attributes }) => {
    run = 0
    events.open(localName(name), attributes)
  })
  parser.on('closetag', ({ name }) => {
    run = 0
    events.close?.(localName(name))
  })
  const text = (part: string) => events.text?.(part)
  parser.on('text', text)
  parser.on('cdata', text)
  let decoder: TextDecoder | undefined
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true })
    run += chunk.length
    parser.write(decoder.decode(chunk, { stream: true }))
    if (run > maxRunChars)
      throw new WorkbookError(
        'ROW_TOO_LARGE',
        `it holds a text or formula of more than ${maxRunChars} characters; shorten it`,
      )
    yield
  }
  parser.write(decoder?.decode() ?? '')
  parser.close()
}

/** Walks over all of a part. */
export async function readXml(bytes: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  for await (const _ of walkXml(bytes, events));
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** UTF-8 or, with its mark, UTF-16. @see ECMA-376 part 2, section 8.2.3 */
export function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}
