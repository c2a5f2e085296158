import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ImportError } from '../../import-error.ts'
import { unreadable } from '../read-text.ts'
import type { TableSource } from '../table.ts'

/** What a workbook may cost. */
export interface XlsxLimits {
  /** Memory of the process that reads it; most of it goes to the texts that cells share. */
  readonly heapMiB: number
  /** Time without a word from the process. */
  readonly stallMs: number
}
const xlsxLimits: XlsxLimits = { heapMiB: 512, stallMs: 30_000 }

const maxComplaintChars = 4000

/** What the process runs: this package and the library that unpacks and parses XML. */
const program = fileURLToPath(new URL('xlsx-process.ts', import.meta.url))
const code = [
  fileURLToPath(new URL('../../../../', import.meta.url)),
  createRequire(import.meta.url)
    .resolve('@cj-tech-master/excelts/xml')
    .replace(/(?<=[\\/])dist[\\/].*$/, ''),
]

/**
 * What the process that reads a workbook writes, as text. The process has a bounded heap, may open no file but its own
 * code, and is killed when its reader stops or when it says nothing for too long.
 * @param args of the program, beside the open file
 * @throws {ImportError} `FILE_UNREADABLE`, `FILE_TOO_LARGE`
 */
export async function* runXlsxProcess(
  { name, path }: TableSource,
  args: readonly string[],
  { heapMiB, stallMs } = xlsxLimits,
): AsyncGenerator<string> {
  await using workbook = await open(path).catch((error: unknown) => {
    throw unreadable(name, error)
  })
  const flags = [
    '--permission',
    ...code.map((folder) => `--allow-fs-read=${folder}`),
    `--max-old-space-size=${heapMiB}`,
  ]
  const written = args.map((arg) => encodeURIComponent(arg.toWellFormed()))
  const child = spawn(process.execPath, [...flags, program, ...written], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', workbook.fd],
  })
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-maxComplaintChars)
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? complaint)))
  })
  try {
    if (child.stdout) yield* untilStall(child.stdout.setEncoding('utf8'), stallMs, name)
    const failure = await ended
    if (failure === undefined) return
    // Without room, Node.js aborts; the system may kill it first.
    if (/^SIG|heap|out of memory/i.test(failure)) throw tooLarge(name, 'needs too much memory')
    throw unreadable(name, new Error(`the process that reads workbooks failed: ${failure.trim()}`))
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

async function* untilStall(
  output: AsyncIterable<string>,
  stallMs: number,
  name: string,
): AsyncGenerator<string> {
  const parts = output[Symbol.asyncIterator]()
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const stall = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(tooLarge(name, 'takes too long')), stallMs)
      })
      const next = await Promise.race([parts.next(), stall]).finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    // Output that nobody reads would keep the process from closing.
    void parts.return?.()
  }
}

const tooLarge = (name: string, why: string): ImportError =>
  new ImportError(
    'FILE_TOO_LARGE',
    `${name} ${why} to be read as a workbook; save the sheet as CSV`,
  )
