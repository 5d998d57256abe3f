import HTTPServer
import PaymentModel
import Synchronization

/// How many files are written, or read, at once: each has a connection to the database for as long as it takes.
final class FilePlaces: Sendable {
    private let taken = Atomic<Int>(0)
    private let placesMax: Int

    init(placesMax: Int) { self.placesMax = placesMax }

    /// Does something at a place of its own.
    func hold<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        let place = try take()
        defer { withExtendedLifetime(place) {} }
        return try await work()
    }

    /// A place, given back when the last part was read or the reader has gone.
    func take() throws -> Place {
        let place = Place(of: self)
        guard taken.add(1, ordering: .relaxed).newValue <= placesMax else {
            throw Problem.retry(.overloaded, after: 10, detail: "Other files are in hand.")
        }
        return place
    }

    /// One of the places; it is given back when nobody holds it any more.
    final class Place: Sendable {
        private let places: FilePlaces

        fileprivate init(of places: FilePlaces) { self.places = places }

        deinit { places.taken.subtract(1, ordering: .relaxed) }

        /// The parts as the server sends them; the place is taken until the last was read or the reader has gone.
        func chunks(of parts: any FileParts) -> AsyncThrowingStream<[UInt8], any Error> {
            AsyncThrowingStream(unfolding: { [self] in
                let part = try await parts.next()
                return withExtendedLifetime(self) { part }
            })
        }
    }
}
