import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'

/**
 * Asks at the terminal of this process, without showing what is typed, and waits: keys are read where nothing may be awaited.
 * @returns null when there is no terminal, or whoever sits there gives up (Ctrl-D)
 */
export function askSecret(question: string): string | null {
  const terminal = openTerminal()
  if (terminal === null) return null
  const { fd, stream } = terminal
  let typed: Typed
  try {
    stream.setRawMode(true)
    writeSync(fd, question)
    typed = readLine(fd)
  } finally {
    stream.setRawMode(false)
    writeSync(fd, '\n')
    stream.destroy()
    closeSync(fd)
  }
  // Only now: the terminal shows again what is typed.
  if (typed.end === 'interrupted') process.kill(process.pid, 'SIGINT')
  return typed.end === 'entered' ? typed.text : null
}

interface Typed {
  readonly end: 'entered' | 'given up' | 'interrupted'
  readonly text: string
}

function openTerminal(): { readonly fd: number; readonly stream: ReadStream } | null {
  // Who sends a script's input from elsewhere is not asked behind its back.
  if (process.platform === 'win32' || !isatty(0)) return null
  try {
    // Two: the stream sets the mode of the terminal, and takes what is typed away from nobody.
    const fd = openSync('/dev/tty', 'r+')
    return { fd, stream: new ReadStream(openSync('/dev/tty', 'r+')) }
  } catch {
    return null
  }
}

const INTERRUPT = 0x03
const END = 0x04
const BACKSPACE = [0x08, 0x7f]

/** Raw bytes up to the end of the line, with what the terminal no longer does itself. */
function readLine(fd: number): Typed {
  const typed: number[] = []
  const byte = Buffer.alloc(1)
  for (;;) {
    if (readSync(fd, byte) === 0) return { end: 'given up', text: '' }
    const [code = END] = byte
    if (code === INTERRUPT) return { end: 'interrupted', text: '' }
    if (code === END) return { end: 'given up', text: '' }
    if (code === 0x0d || code === 0x0a)
      return { end: 'entered', text: Buffer.from(typed).toString('utf8') }
    if (!BACKSPACE.includes(code)) typed.push(code)
    // One character of UTF-8: its first byte and those that follow it.
    else while (((typed.pop() ?? 0) & 0xc0) === 0x80);
  }
}
