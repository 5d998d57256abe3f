import PaymentModel
import ServiceRuntime
import Synchronization
import Testing

@Suite struct `Ids of the system` {
    @Test func `only ever rise, are of version 7 and never repeat`() async {
        let source = IdentifierSource.system
        let ids = await withTaskGroup(of: [UInt128].self) { group in
            for _ in 0..<4 { group.addTask { (0..<5_000).map { _ in source.next() } } }
            return await group.reduce(into: [[UInt128]]()) { $0.append($1) }
        }
        for list in ids { #expect(zip(list, list.dropFirst()).allSatisfy { $0 < $1 }) }
        let all = ids.flatMap { $0 }
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { $0 >> 76 & 0xF == 7 && $0 >> 62 & 0b11 == 0b10 })
    }

    @Test func `rise also when the clock is set back`() {
        let instants = Instants([2_000_000, 1_000_000, 1_000_000])
        let source = IdentifierSource.make(time: TimeSource { instants.next() }) { 0 }
        let ids = (0..<3).map { _ in source.next() }
        #expect(ids[0] < ids[1] && ids[1] < ids[2])
        #expect(ids[0] >> 80 == 2_000)
    }

    @Test func `begin with the time of the clock`() {
        let before = TimeSource.system.now().microsecondsSince1970 / 1_000
        let id = IdentifierSource.make(time: .system) { 0 }.next()
        #expect(Int64(id >> 80) >= before)
    }

    final class Instants: Sendable {
        private let left: Mutex<[Int64]>
        init(_ microseconds: [Int64]) { left = Mutex(microseconds) }
        func next() -> Instant { Instant(microsecondsSince1970: left.withLock { $0.removeFirst() }) }
    }
}
