import { configDefaults, defineConfig } from 'vitest/config'

/** What is cut off at every step, and whole files: minutes, so for `test:long` alone. */
const long = ['tests/faults/**/*.test.ts', 'tests/import/**/*.test.ts', '**/*.long.test.ts']

export default defineConfig({
  test: {
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
