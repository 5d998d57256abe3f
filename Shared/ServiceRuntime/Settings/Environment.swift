import FoundationEssentials

/// Where settings come from: variables, and the files some of them name.
package struct Environment: Sendable {
    /// The variables.
    package let variables: [String: String]

    let readFile: @Sendable (String) throws -> String

    /// An environment put together by hand.
    package init(
        _ variables: [String: String],
        readFile: @escaping @Sendable (String) throws -> String = Environment.contents(of:)
    ) {
        self.variables = variables
        self.readFile = readFile
    }

    /// The environment of this process.
    package static var system: Environment { Environment(ProcessInfo.processInfo.environment) }

    /// How large a file of a setting may be.
    private static let fileBytesMax = 1_048_576

    /// The text of a file.
    package static func contents(of path: String) throws -> String {
        let data = try Data(contentsOf: URL(filePath: path))
        guard data.count <= fileBytesMax, let text = String(validating: data, as: UTF8.self) else {
            throw InvalidSetting(reason: "the file \(path) is not a text of at most \(fileBytesMax) bytes")
        }
        return text
    }
}
