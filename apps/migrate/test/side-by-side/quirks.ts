/** What `migrate` does about a quirk of golang-migrate. */
export type Treatment = 'repaired' | 'decided' | 'absent'

/**
 * The quirks of golang-migrate that the project's specification marks as to be repaired (F) or to be decided (D), and the
 * one kept one in which `migrate` differs. The page docs/how-to/coming-from-golang-migrate.md has a row for each.
 */
export const quirks: Readonly<Record<string, Treatment>> = {
  'Q-11': 'decided',
  'Q-12': 'decided',
  'Q-13': 'decided',
  'Q-14': 'repaired',
  'Q-15': 'decided',
  'Q-19': 'decided',
  'Q-21': 'absent',
  'Q-22': 'absent',
  'Q-23': 'decided',
  'Q-25': 'decided',
  'Q-29': 'decided',
  'Q-30': 'decided',
  'Q-31': 'repaired',
  'Q-32': 'decided',
  'Q-33': 'decided',
  'Q-35': 'decided',
  'Q-37': 'decided',
  'Q-41': 'repaired',
  'Q-43': 'repaired',
  'Q-47': 'decided',
  'Q-49': 'decided',
  'Q-50': 'absent',
  'Q-54': 'repaired',
  'Q-55': 'repaired',
  'Q-56': 'decided',
  'Q-60': 'repaired',
  'Q-61': 'repaired',
  'Q-62': 'absent',
  'Q-65': 'repaired',
  'Q-67': 'absent',
  'Q-68': 'absent',
  'Q-69': 'absent',
}
