import { RichText } from './rich-text.ts'
import { readXml } from './walk-xml.ts'

/** Texts that the cells of a workbook share. @see ECMA-376 part 1, section 18.4 */
export async function readSharedStrings(
  bytes: AsyncIterable<Uint8Array>,
): Promise<readonly string[]> {
  const strings: string[] = []
  const string = new RichText()
  await readXml(bytes, {
    open: (name) => string.open(name),
    text: (text) => string.add(text),
    close: (name) => {
      string.close(name)
      if (name === 'si') strings.push(string.end())
    },
  })
  return strings
}
