/** How a flag or an argument that is text becomes a value: the text is the value. */
export const asItIs = async <T>(value: T): Promise<T> => value
