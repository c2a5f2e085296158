import { sayIssue } from '@entente/node'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { EXIT, type Exit, exitOf } from './exit-codes.ts'
import type { Io } from './io.ts'
import { createSession, folderOf } from './session.ts'
import { cleanAnswer } from './text.ts'
import type { Outcome, Verb } from './verb.ts'

const START = `
Start here:
  entente demo                           five nations on this computer
  entente init --nation NOR --org "…"    a node of your own
Exit codes: 0 done, 1 fault, 2 usage, 3 not found, 4 refused by policy or role, 5 waiting for
approval, 6 partner unreachable or out of sync, 7 verification failed, 8 configuration, 130 interrupted.`

/** Purposes of the verbs that come in families. */
const families: Readonly<Record<string, string>> = {
  'import map': 'mappings: from the columns of a file to fields and labels',
  roster: 'which nations, keys and endpoints this node trusts',
  record: 'add, change and read records',
  alias: 'which names are one party: suggested, decided by a person',
  ledger: 'check, rebuild and compact what is stored',
  policy: 'check, sign and put release policies in force',
  release: 'see what would go to whom, then let it go',
  partner: 'stop and resume a partner',
  ask: 'answers from everything this node may see',
  audit: 'export the evidence, or verify somebody’s',
}

/**
 * Runs one command line. Answers go to stdout, talk to stderr; nothing is thrown.
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  verbs: readonly Verb[],
  io: Io,
): Promise<Exit> {
  const json = args.includes('--json')
  let exit: Exit = EXIT.done
  const program = createProgram(verbs, io, async (verb, command) => {
    exit = await runVerb(verb, command, io)
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      // Asking for a family without saying which verb shows its help.
      if (error.code === 'commander.help') return EXIT.usage
      return sayError(
        new CliError('USAGE', error.message.replace(/^error: /, '')),
        'add --help to see how it is used',
        json,
        io,
      )
    }
    return sayError(error, null, json, io)
  }
}

async function runVerb(verb: Verb, command: Command, io: Io): Promise<Exit> {
  const { folder, json = false, ...options } = command.opts<{ folder?: string; json?: boolean }>()
  const named = command.registeredArguments.map(
    (argument, i) => [camel(argument.name()), command.processedArgs[i]] as const,
  )
  const input = { ...options, ...Object.fromEntries(named) }
  using session = createSession(io, folderOf(folder, io), json)
  const outcome = await verb.perform(session, input)
  session[Symbol.dispose]()
  print(outcome, outcome.exercise ?? session.exercise(), json, io)
  return outcome.exit ?? EXIT.done
}

function print({ json: document, text }: Outcome, exercise: string | null, json: boolean, io: Io) {
  if (document === null) return
  if (json) {
    const first = exercise === null ? {} : { exercise }
    io.out(`${JSON.stringify({ ...first, ...document }, null, 2)}\n`)
  } else if (text !== '')
    io.out(`${cleanAnswer(exercise === null ? text : `${exercise}\n${text}`)}\n`)
}

function sayError(error: unknown, hint: string | null, json: boolean, io: Io): Exit {
  const message = wordsOf(error)
  const given = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined
  const code = typeof given === 'string' ? given : 'FAULT'
  if (json) {
    const details = error instanceof CliError ? error.details : {}
    io.out(`${JSON.stringify({ error: { code, message, ...details } }, null, 2)}\n`)
  } else {
    io.err(`${cleanAnswer(`entente: ${message} (${code})`)}\n`)
    if (hint !== null) io.err(`${hint}\n`)
  }
  return exitOf(code)
}

/** A list of what a schema found is for programs; people get it in words. */
function wordsOf(error: unknown): string {
  if (error instanceof z.core.$ZodError)
    return error.issues.map((issue) => sayIssue(issue, 'the input')).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function createProgram(
  verbs: readonly Verb[],
  io: Io,
  act: (verb: Verb, command: Command) => Promise<void>,
): Command {
  const setUp = (command: Command): Command =>
    command
      .exitOverride()
      .allowExcessArguments(false)
      // A verb can have verbs of its own (import, import apply): what stands behind a word is that word's.
      .enablePositionalOptions()
      .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} })
  const program = setUp(new Command('entente'))
    .description('Share chosen fields of chosen records with chosen nations, and prove it.')
    .addHelpText('after', START)
  /** The command of a path of words; families on the way are made as they are met. */
  const commandAt = (words: readonly string[]): Command =>
    words.reduce((parent: Command, word, i) => {
      const known = parent.commands.find((command) => command.name() === word)
      if (known !== undefined) return known
      const made = setUp(new Command(word)).description(
        families[words.slice(0, i + 1).join(' ')] ?? '',
      )
      parent.addCommand(made)
      return made
    }, program)
  for (const verb of verbs) {
    const command = commandAt(verb.name.split(' ')).description(verb.purpose)
    if (verb.arguments !== undefined) command.arguments(verb.arguments)
    for (const { flags, purpose, repeat } of verb.options ?? [])
      if (repeat) command.option(flags, `${purpose} (repeat for more)`, collect)
      else command.option(flags, purpose)
    command
      .option('--folder <dir>', 'the node’s folder (else ENTENTE_FOLDER, else the data folder)')
      .option('--json', 'answer with one JSON document')
      .addHelpText('after', `\nExample:\n  entente ${verb.example}\n\nThen: ${verb.next}`)
      .action(() => act(verb, command))
  }
  return program
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, c: string) => c.toUpperCase())

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]
