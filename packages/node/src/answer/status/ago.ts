/** How long, in the unit that a person would use. */
export function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  return s < 90 ? `${s} s` : s < 5_400 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3_600)} h`
}

/** Time of day, UTC, as in `14:05:10Z`. */
export const clockTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)}Z`
