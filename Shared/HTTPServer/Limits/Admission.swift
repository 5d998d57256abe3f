import Synchronization

/// Counts what is being worked on and turns away what would be too much.
final class Admission: Sendable {
    private let taken = Atomic<Int>(0)
    private let placesMax: Int

    init(placesMax: Int) { self.placesMax = placesMax }

    /// How many places are taken.
    var count: Int { taken.load(ordering: .relaxed) }

    /// Takes a place, or answers that there is none.
    func enter() -> Bool {
        guard taken.add(1, ordering: .relaxed).newValue <= placesMax else {
            leave()
            return false
        }
        return true
    }

    /// Gives a place back.
    func leave() { taken.subtract(1, ordering: .relaxed) }

    /// Holds a place while `work` runs; refuses when there is none.
    func hold<Value>(_ work: () async throws -> Value) async throws -> Value {
        guard enter() else { throw Problem.retry(.overloaded, after: 1) }
        defer { leave() }
        return try await work()
    }
}
