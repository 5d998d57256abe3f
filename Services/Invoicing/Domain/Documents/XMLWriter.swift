/// Writes XML with everything escaped; elements are closed by the closures that opened them.
struct XMLWriter {
    private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: (inout XMLWriter) -> Void
    ) {
        line("<\(name)\(Self.written(attributes))>")
        depth += 1
        content(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// An element with a text and nothing else.
    mutating func element(
        _ name: String, _ value: String, _ attributes: KeyValuePairs<String, String> = [:]
    ) {
        line("<\(name)\(Self.written(attributes))>\(MarkupText.escaped(value))</\(name)>")
    }

    /// Nothing when there is no value.
    mutating func element(optional name: String, _ value: String?, _ attributes: KeyValuePairs<String, String> = [:]) {
        if let value, !value.isEmpty { element(name, value, attributes) }
    }

    private mutating func line(_ text: String) { self.text += String(repeating: "  ", count: depth) + text + "\n" }

    private static func written(_ attributes: KeyValuePairs<String, String>) -> String {
        attributes.map { name, value in " \(name)=\"\(MarkupText.escaped(value))\"" }.joined()
    }
}
