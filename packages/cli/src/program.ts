import { readFileSync } from 'node:fs'
import { closeNames, sayIssue, setPassphraseSource } from '@entente/node'
import { Command, CommanderError, Option } from 'commander'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { EXIT, type Exit, exitOf } from './exit-codes.ts'
import { fileTrouble } from './files.ts'
import type { Io } from './io.ts'
import { createPassphraseSource } from './passphrase-source.ts'
import { createSession, folderOf } from './session.ts'
import { cleanAnswer } from './text.ts'
import type { Outcome, Verb } from './verb.ts'
import { groupedWords, headingOf } from './verb-groups.ts'

const START = `
Start here:
  entente demo                           five nations on this computer
  entente init --nation NOR --org "…"    a node of your own
Encrypted keys: the passphrase is asked for at the terminal, or read from
--passphrase-fd N, or from the systemd credential entente-passphrase.
Exit codes: 0 done, 1 fault, 2 usage, 3 not found, 4 refused by policy, role or
state, 5 waiting for a signature, a partner or your --confirm, 6 partner
unreachable or out of sync, 7 verification failed, 8 configuration,
130 interrupted.`

/** Purposes of the verbs that come in families. */
const families: Readonly<Record<string, string>> = {
  'import map': 'mappings: from the columns of a file to fields and labels',
  root: 'the nation’s root key, which lies on a computer without network',
  roster: 'which nations, keys and endpoints this node trusts',
  record: 'add, change and read records',
  alias: 'which names are one party: suggested, decided by a person',
  ledger: 'check, rebuild and compact what is stored',
  policy: 'write, test, compare, sign and put release policies in force',
  aggregate: 'publish what several records say together, naming none of them',
  consent: 'seal, send, withdraw, check and take in consents to hand on what a nation gave',
  request: 'ask other nations, and answer what they ask',
  retransfer: 'hand on what another nation gave, as it came',
  register: 'check, sign and put the register of agreements in force',
  release: 'see what would go to whom, then let it go',
  joint: 'documents that several nations write: create, change, show, vote',
  bundle: 'what goes to partners and comes from them by courier',
  dataset: 'name datasets and say what they are',
  releaser: 'which node of the nation releases a dataset',
  feed: 'mend a feed to a partner, and see what was kept out',
  backup: 'copies of what opens the log, for the day the disk is lost',
  partner: 'pair with nations: invite, accept, confirm; list, pause, cut off',
  ask: 'answers from everything this node may see',
  log: 'the release log: show, prove, check, publish it; and what ends or mends it',
  witness: 'cosign the logs of others, for whoever asks over HTTP',
  key: 'certify officers; renew, take back and encrypt keys',
  'audit report': 'reports of audits, signed by those who made them',
  'audit query': 'questions to bundles, answered once they are verified',
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
  // `help record list` is `record list --help`; what is built in takes one word.
  const typed = args[0] === 'help' ? [...args.slice(1), '--help'] : [...args]
  try {
    await program.parseAsync(typed, { from: 'user' })
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

type Common = { folder?: string; passphraseFd?: string; json?: boolean }

/** Options of every verb, wherever they stand: `import --folder x apply 4` gives them to `import`. */
const commonOf = (command: Command): Common => {
  const { folder, passphraseFd, json } = command.opts<Common>()
  const own = Object.entries({ folder, passphraseFd, json }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...(command.parent && commonOf(command.parent)), ...Object.fromEntries(own) }
}

async function runVerb(verb: Verb, command: Command, io: Io): Promise<Exit> {
  const { folder, passphraseFd, json = false } = commonOf(command)
  const {
    folder: _folder,
    passphraseFd: _descriptor,
    json: _json,
    ...options
  } = command.opts<Common>()
  checkArguments(verb, command)
  const named = command.registeredArguments.map(
    (argument, i) => [camel(argument.name()), command.processedArgs[i]] as const,
  )
  const input = { ...options, ...Object.fromEntries(named) }
  setPassphraseSource(createPassphraseSource(io, passphraseFd))
  const at = (command: string) => atFolder(command, folder)
  using session = createSession(io, folderOf(folder, io), json, passphraseFd, at)
  const outcome = await verb.perform(session, input)
  session[Symbol.dispose]()
  const said = { ...outcome, text: withFolder(outcome.text, folder) }
  print(said, outcome.exercise ?? session.exercise(), json, io)
  return outcome.exit ?? EXIT.done
}

/** Lines that are there to be copied name the folder that was named; what somebody else runs does not. */
const withFolder = (text: string, folder: string | undefined): string =>
  text.replace(/^.*\b(Next|Then): .*$/gm, (line) => atFolder(line, folder))

function atFolder(line: string, folder: string | undefined): string {
  if (folder === undefined) return line
  const word = /^[\w./:@%+=,-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`
  return line.replace(/(?<!\bruns? )\bentente (?=[a-z])/g, () => `entente --folder ${word} `)
}

/** A word too many behind a verb that has verbs of its own is most often one of these, misspelt. */
function checkArguments({ name }: Verb, command: Command): void {
  const { args, registeredArguments, commands } = command
  if (commands.length === 0 || args.length <= registeredArguments.length) return
  const [meant] = closeNames(
    args[0] ?? '',
    commands.map((each) => each.name()),
  )
  throw new CliError(
    'USAGE',
    meant === undefined
      ? `too many arguments for ${name}: ${args.join(' ')}`
      : `${name} ${args[0]} is no verb; did you mean ${name} ${meant}?`,
  )
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
  const trouble = fileTrouble(error) ?? error
  const message = wordsOf(trouble)
  const given = trouble instanceof Error ? (trouble as { readonly code?: unknown }).code : undefined
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
      // Also beside long names (audit query received …), where commander would let lines run on.
      .configureHelp({ minWidthToWrap: 30 })
      .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} })
  const program = setUp(new Command('entente'))
    .helpCommand('help [command]', 'the help of a command, as its --help')
    .description('Share chosen fields of chosen records with chosen nations, and prove it.')
    .version(versionOf(), '--version', 'print the version')
    .option('--folder <dir>', 'the node’s folder, before the verb or behind it')
    .option('--passphrase-fd <n>', 'read passphrases of keys from this descriptor, one a line')
    .addHelpText('after', START)
  /** The command of a path of words; families on the way are made as they are met. */
  const commandAt = (words: readonly string[]): Command =>
    words.reduce((parent: Command, word, i) => {
      const known = parent.commands.find((command) => command.name() === word)
      if (known !== undefined) return known
      const made = setUp(new Command(word)).description(
        families[words.slice(0, i + 1).join(' ')] ?? '',
      )
      if (i === 0) made.helpGroup(headingOf(word))
      parent.addCommand(made)
      // A family alone does nothing: it says which verbs it has.
      const family = words.slice(0, i + 1).join(' ')
      if (!verbs.some(({ name }) => name === family))
        made
          .allowExcessArguments()
          .allowUnknownOption()
          .action(() => nameVerb(family, made))
      return made
    }, program)
  const words = new Set(verbs.map(({ name }) => name.split(' ')[0]))
  for (const word of groupedWords) if (words.has(word)) commandAt([word])
  for (const verb of verbs) {
    const command = commandAt(verb.name.split(' ')).description(verb.purpose)
    if (verb.arguments !== undefined) command.arguments(verb.arguments)
    for (const { flags, purpose, repeat } of verb.options ?? [])
      if (repeat) command.option(flags, `${purpose} (repeat for more)`, collect)
      else command.option(flags, purpose)
    command
      .option('--folder <dir>', 'the node’s folder (else ENTENTE_FOLDER, else the data folder)')
      .option('--json', 'answer with one JSON document')
      // For every verb, since every one may read keys: said once, in the help of all.
      .addOption(new Option('--passphrase-fd <n>').hideHelp())
      .addHelpText(
        'after',
        `\nExample:\n${exampleOf(verb)}\n\n${inLines(`Then: ${verb.next}`.split(' '), '', '')}`,
      )
      .action(() => act(verb, command))
    // Checked with a guess at what was meant.
    if (verbs.some(({ name }) => name.startsWith(`${verb.name} `))) command.allowExcessArguments()
  }
  return program
}

/** Lines of 80 columns, from parts that may begin one. */
function inLines([first = '', ...parts]: readonly string[], end: string, start: string): string {
  let text = first
  for (const part of parts) {
    const line = `${text.slice(text.lastIndexOf('\n') + 1)} ${part}${end}`
    text += line.length <= 80 ? ` ${part}` : `${end}\n${start}${part}`
  }
  return text
}

/** What can be copied as it stands: a long line goes on behind a backslash. */
const exampleOf = ({ example, where }: Verb): string =>
  inLines(`  entente ${example}`.split(/ (?=--\w)/), ' \\', '    ') +
  (where === undefined ? '' : `\n  (${where})`)

/** A family was given without one of its verbs. */
function nameVerb(family: string, command: Command): never {
  const { args } = command
  const names = command.commands.map((each) => each.name())
  const [word] = args
  if (word === undefined) return command.help({ error: true })
  const [meant] = closeNames(word, names)
  throw new CliError(
    'USAGE',
    word.startsWith('-')
      ? `name a verb of ${family} before ${word}: ${names.join(', ')}`
      : meant === undefined
        ? `${family} ${word} is no verb; ${family} has ${names.join(', ')}`
        : `${family} ${word} is no verb; did you mean ${family} ${meant}?`,
  )
}

function versionOf(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(file) as { readonly version: unknown }).version)
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, c: string) => c.toUpperCase())

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]
