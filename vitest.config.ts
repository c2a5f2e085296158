import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'

// Types are stripped once, not in each of the hundreds of processes that tests start.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('.cache/compiled', import.meta.url))

/** What is cut off at every step, and whole files: minutes, so for `test:long` alone. */
const long = ['tests/faults/**/*.test.ts', 'tests/import/**/*.test.ts', '**/*.long.test.ts']

/** They take minutes, each in one process: whichever began last would run alone at the end. */
const longest = [
  'simulation/simulation.long.test.ts',
  'fuzz/fuzz.long.test.ts',
  'docs/pages.long.test.ts',
  'hostile/kit.long.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const sorted = await super.sort(files)
    const first = longest.flatMap((name) =>
      sorted.filter(({ moduleId }) => moduleId.endsWith(`/tests/${name}`)),
    )
    return [...first, ...sorted.filter((file) => !first.includes(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Much of it waits for processes and disks.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...long],
          // Nothing in a package keeps state in its modules, so files may share those that are loaded: a third of the time was loading.
          isolate: false,
          // A guard against what hangs: properties take seconds, more on a busy machine.
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...long],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'long',
          include: long,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
