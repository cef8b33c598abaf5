export { distrustFrom, distrustOfFile } from './folder-trust.ts'
export type { Distrust } from './folder-trust.ts'
export { configFileNames, findFile, projectFolders } from './project-folders.ts'
export type { ProjectFolders, FileSearch } from './project-folders.ts'
