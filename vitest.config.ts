import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'

/** What is cut off at every step, and whole files: minutes, so for `test:long` alone. */
const long = ['tests/faults/**/*.test.ts', 'tests/import/**/*.test.ts', '**/*.long.test.ts']

/** The story of 32 nations takes one processor for minutes: begun last, it would run alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const isLongest = ({ moduleId }: (typeof files)[number]) =>
      moduleId.endsWith('/simulation.long.test.ts')
    const sorted = await super.sort(files)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
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
