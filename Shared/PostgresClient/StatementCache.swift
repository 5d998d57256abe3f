/// Which statements a connection has prepared, by their text and the types of their values; bounded.
struct StatementCache {
    private struct Entry {
        let types: [PostgresType]
        let name: String
        var lastUse: UInt64

        func matches(_ values: [PostgresValue]) -> Bool {
            types.count == values.count && zip(types, values).allSatisfy { $0 == $1.type }
        }
    }

    private let capacity: Int
    private var entries: [String: [Entry]] = [:]
    private var count = 0
    private var clock: UInt64 = 0

    init(capacity: Int) { self.capacity = max(capacity, 1) }

    /// The name under which the statement is prepared, if it is.
    mutating func name(of text: String, _ values: [PostgresValue]) -> String? {
        clock += 1
        guard let index = entries[text]?.firstIndex(where: { $0.matches(values) }) else { return nil }
        entries[text]?[index].lastUse = clock
        return entries[text]?[index].name
    }

    /// Remembers a statement under a new name; answers the name of the one that had to leave for it.
    mutating func insert(_ text: String, _ values: [PostgresValue]) -> (name: String, evicted: String?) {
        let evicted = count >= capacity ? removeOldest() : nil
        clock += 1
        let name = "q\(clock)"
        entries[text, default: []].append(Entry(types: values.map(\.type), name: name, lastUse: clock))
        count += 1
        return (name, evicted)
    }

    /// Forgets a statement that could not be prepared.
    mutating func remove(_ text: String, _ values: [PostgresValue]) {
        guard var variants = entries[text], let index = variants.firstIndex(where: { $0.matches(values) }) else {
            return
        }
        variants.remove(at: index)
        entries[text] = variants.isEmpty ? nil : variants
        count -= 1
    }

    mutating func removeAll() {
        entries.removeAll()
        count = 0
    }

    private mutating func removeOldest() -> String? {
        var oldest: (text: String, entry: Entry)?
        for (text, variants) in entries {
            for entry in variants where entry.lastUse < oldest?.entry.lastUse ?? .max { oldest = (text, entry) }
        }
        guard let oldest else { return nil }
        entries[oldest.text]?.removeAll { $0.name == oldest.entry.name }
        if entries[oldest.text]?.isEmpty == true { entries[oldest.text] = nil }
        count -= 1
        return oldest.entry.name
    }
}
