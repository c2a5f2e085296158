import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'

/** One ratio: ours over what it is held against, both measured in this run. */
export interface BenchRow {
  readonly id: string
  readonly value: number
  readonly unit: 'ratio'
  /** Null: not judged yet. */
  readonly target: number | null
  readonly pass: boolean | null
}

/** Absolute figures of this run: they tell of the machine and judge nothing. */
export type Figures = Readonly<Record<string, number>>

/** What one suite found. */
export interface Measured {
  readonly figures: Figures
  readonly rows: readonly BenchRow[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly figures: Figures
}

export const machineWith = (figures: Figures): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  node: process.version,
  figures,
})

export const row = (id: string, value: number): BenchRow => ({
  id,
  value: Math.round(value * 100) / 100,
  unit: 'ratio',
  target: null,
  pass: null,
})

/** The value below which `share` of the values lie, nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function formatTable(machine: Machine, rows: readonly BenchRow[]): string {
  const { cpu, cores, memoryGiB, platform: os, node, figures } = machine
  return [
    `machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, node ${node}`,
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(24)} ${value}`),
    '',
    ...rows.map(
      ({ id, value, unit, target, pass }) =>
        `${id.padEnd(20)} ${value.toFixed(2).padStart(8)} ${unit}  target ${target ?? '-'}  ${pass === null ? 'not judged' : pass ? 'pass' : 'FAIL'}`,
    ),
    '',
  ].join('\n')
}
