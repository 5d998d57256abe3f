import Testing

/// One place that keeps a rule not.
struct Breach: Hashable, CustomStringConvertible {
    let path: String
    let line: Int?
    let text: String

    init(_ path: String, line: Int? = nil, _ text: String) {
        self.path = path
        self.line = line
        self.text = text
    }

    var description: String { line.map { "\(path):\($0): \(text)" } ?? "\(path): \(text)" }
}

/// Reports every breach at its own place, so that one run shows all there is to mend.
func expectNone(_ breaches: [Breach], sourceLocation: SourceLocation = #_sourceLocation) {
    for breach in breaches {
        Issue.record("\(breach)", sourceLocation: sourceLocation)
    }
}
