package spec

// APIVersion is the apiVersion of every manifest.
const APIVersion = "b24apply/v1"
