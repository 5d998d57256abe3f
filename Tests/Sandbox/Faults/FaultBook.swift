/// The faults in force and what has been called, so that a test can count a client's calls.
struct FaultBook: Sendable {
    private(set) var faults: [Fault] = []
    private(set) var calls: [String: Int] = [:]
    /// The faults that hold no call any more.
    private var released: Set<Int> = []
    private var lastID = 0

    mutating func add(_ json: JSON) throws -> Fault {
        lastID += 1
        let fault = try Fault(id: lastID, json)
        faults.append(fault)
        return fault
    }

    mutating func remove(_ id: Int) { faults.removeAll { $0.id == id } }

    mutating func removeAll() { faults = [] }

    mutating func forgetCalls() { calls = [:] }

    /// Lets go of the calls of one fault, or of all there were, also of those that have not come yet.
    mutating func release(_ id: Int? = nil) {
        if let id { released.insert(id) } else { released.formUnion(0...lastID) }
    }

    /// Whether a fault's calls are held still.
    func holds(_ id: Int) -> Bool { id <= lastID && !released.contains(id) }

    /// Counts the call and takes from each fault that concerns it one of its remaining times.
    mutating func plan(for operation: String, _ call: Call, random: inout Randomness) -> [Fault] {
        calls[operation, default: 0] += 1
        var active: [Fault] = []
        for index in faults.indices where faults[index].concerns(operation, call) {
            guard faults[index].skip == 0 else {
                faults[index].skip -= 1
                continue
            }
            let fault = faults[index]
            guard fault.percent >= 100 || Int(random.next() % 100) < fault.percent else { continue }
            active.append(fault)
            faults[index].remaining = fault.remaining.map { $0 - 1 }
        }
        faults.removeAll { $0.remaining == 0 }
        return active
    }
}
