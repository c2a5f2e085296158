import { createProcessIo, type Exit, runCli, verbs } from '@entente/cli'

/** What one command line came to. */
export interface RanVerb {
  readonly exit: Exit
  readonly stdout: string
  readonly stderr: string
}

const own = createProcessIo()

/** Runs a command line of `entente` in this process. */
export async function runVerb(...args: readonly string[]): Promise<RanVerb> {
  let stdout = ''
  let stderr = ''
  const exit = await runCli(args, verbs, {
    ...own,
    out: (text) => {
      stdout += text
    },
    err: (text) => {
      stderr += text
    },
    colour: false,
    bar: false,
    columns: undefined,
  })
  return { exit, stdout, stderr }
}
