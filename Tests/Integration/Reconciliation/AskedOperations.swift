import Testing

/// What a stranger has tried, so that a new route is not forgotten.
struct AskedOperations {
    var names: Set<String> = []

    mutating func expect(_ operation: String, _ isRight: Bool, _ text: String) {
        names.insert(operation)
        #expect(isRight, "\(operation): \(text)")
    }
}
