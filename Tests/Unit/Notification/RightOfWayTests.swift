import NotificationDomain
import PaymentModel
import Testing

/// NOT-11: how long a campaign holds back for what somebody waits for at the desk.
@Suite struct `The right of way of urgent messages` {
    private static let start = Instant(secondsSince1970: 1_800_000_000)

    @Test func `NOT-11: is granted from now on, and what runs already is not granted twice`() {
        var way = RightOfWay()
        #expect(way.grant(.milliseconds(100), at: Self.start) == .milliseconds(100))
        let later = Self.start.adding(.milliseconds(60))
        #expect(way.grant(.milliseconds(100), at: later) == .milliseconds(100), "40 of it were granted before")
        #expect(way.grant(.milliseconds(20), at: later) == .milliseconds(100), "a shorter wish takes nothing away")
    }

    @Test func `NOT-11: is half of the time at the most, however many urgent messages are asked for and when`() {
        holds { generator in
            var way = RightOfWay()
            var (microseconds, held): (Int64, Int64) = (0, 0)
            var heldUntil: Int64 = 0
            for _ in 0..<300 {
                microseconds += generator.number(0...120_000)
                let now = Instant(microsecondsSince1970: Self.start.microsecondsSince1970 + microseconds)
                let wish: Int = generator.number(0...150)
                let granted = way.grant(.milliseconds(wish), at: now)
                let end = max(heldUntil, microseconds + Int64(granted / .microseconds(1)))
                held += end - max(heldUntil, microseconds)
                heldUntil = end
                // A second's worth may be granted at once, the rest is earned.
                guard held <= 1_000_000 + microseconds / 2 else { return false }
            }
            return true
        }
    }

    @Test func `NOT-11: comes back after a while without any`() {
        var way = RightOfWay()
        #expect(way.grant(.seconds(5), at: Self.start) == .seconds(1), "no more in one piece")
        #expect(way.grant(.seconds(5), at: Self.start.adding(.seconds(1))) == .milliseconds(500))
        #expect(way.grant(.seconds(5), at: Self.start.adding(.seconds(9))) == .seconds(1))
    }

    @Test func `NOT-11: is not made longer by a clock that goes back`() {
        var way = RightOfWay()
        #expect(way.grant(.seconds(1), at: Self.start) == .seconds(1))
        let before = Self.start.adding(.seconds(-3_600))
        #expect(way.grant(.milliseconds(100), at: before) <= .seconds(1))
        #expect(way.grant(.milliseconds(100), at: Self.start.adding(.seconds(10))) == .milliseconds(100))
    }

    @Test func `NOT-1: gateways are looked at as tried, and each other one first now and then`() {
        let gateways = ["a", "b", "smtp"]
        let looks = (0..<8).map { GatewayOrder.look($0, among: gateways) }
        #expect(looks.filter { $0 == gateways }.count == 6)
        #expect(looks[3] == ["b", "smtp", "a"] && looks[7] == ["smtp", "a", "b"])
        #expect(looks.allSatisfy { Set($0) == Set(gateways) })
        #expect((0..<8).allSatisfy { GatewayOrder.look($0, among: ["smtp"]) == ["smtp"] })
    }
}
