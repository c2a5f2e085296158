import { fstatSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { readWorkbook } from './read-workbook.ts'

/**
 * Program of the process in which a workbook is parsed: file descriptor 3 is the workbook, the arguments are its name
 * and, if one is wanted, the name of a sheet, both URI-encoded, and behind it `merges` if its merged ranges are wanted;
 * standard output has one `Message` a line. It may read its own code and nothing else.
 */
const workbook = 3
const readAt = promisify(read)

const { size } = fstatSync(workbook)
const bytes = {
  size,
  read: async (start: number, end: number): Promise<Uint8Array> => {
    if (start < 0 || end > size || start > end) throw new Error('the file ends too early')
    const buffer = Buffer.alloc(end - start)
    for (let done = 0; done < buffer.length; ) {
      const { bytesRead } = await readAt(workbook, buffer, done, buffer.length - done, start + done)
      if (bytesRead === 0) throw new Error('the file ends too early')
      done += bytesRead
    }
    return buffer
  },
}

const [name = '', sheet, what] = process.argv.slice(2).map(decodeURIComponent)
const batchChars = 1 << 16

let batch = ''
for await (const message of readWorkbook(bytes, name, sheet, what === 'merges')) {
  batch += `${JSON.stringify(message)}\n`
  if (batch.length > batchChars) await write()
}
await write()

/** Resolves when the reader has taken what came before. */
async function write(): Promise<void> {
  const written = batch
  batch = ''
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(written, (error) => (error ? reject(error) : resolve()))
  })
}
