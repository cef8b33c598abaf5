/** What is done on a server as its administrator. Each call opens a connection of its own. */
export interface ServerAdmin {
  readVersion(url: string): Promise<string>
  createDatabase(url: string, name: string): Promise<void>
  /** Ends the sessions in the database first. Does nothing if it is not there. */
  dropDatabase(url: string, name: string): Promise<void>
}
