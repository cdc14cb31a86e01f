package kind

// project is the project file, b24apply.yaml.
var project = &Kind{Name: "Project", Plural: "projects", Schema: "project.json", Class: ClassProject, Space: "project"}
