const secretName =
  /pass(?!file)|pwd|secret|token|credential|(?:^|[^a-z])(?:(?:api|access|auth|private|encryption|cipher)[-_.]?)?key$/i
// What holds the path of a key.
const keyFile = /(?:ssl|tls)[-_.]?key$/i

const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Whether a parameter's name, as it stands in a URL, says that its value is a secret: `password`, `_auth_pass`, `apikey`. */
export const isSecretName = (name: string): boolean => {
  const plain = decoded(name)
  return secretName.test(plain) && !keyFile.test(plain)
}
