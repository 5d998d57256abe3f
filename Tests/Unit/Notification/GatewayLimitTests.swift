import NotificationDomain
import PaymentModel
import Testing

/// NOT-1, NOT-10: how fast a gateway is used, and when it is left alone.
@Suite struct `What a gateway is given` {
    private static let start = Instant(secondsSince1970: 1_800_000_000)

    @Test func `NOT-11: is never more than its rate, whoever asks when and for how much`() {
        holds { generator in
            let rate = generator.number(1...500)
            var bucket = TokenBucket(perSecond: rate, millionths: 0, filledAt: Self.start)
            var (microseconds, taken): (Int64, Int) = (0, 0)
            for _ in 0..<200 {
                // Clocks of several workers: sometimes one is behind.
                microseconds += generator.number(-50_000...200_000)
                let now = Instant(microsecondsSince1970: Self.start.microsecondsSince1970 + max(0, microseconds))
                let got = bucket.take(generator.number(0...100), at: now)
                let back = generator.number(0...got)
                bucket.giveBack(back)
                taken += got - back
                let latest = bucket.filledAt.microsecondsSince1970 - Self.start.microsecondsSince1970
                guard Int64(taken) * 1_000_000 <= latest * Int64(rate) else { return false }
            }
            return true
        }
    }

    @Test func `NOT-11: is all of its rate when enough waits, and a tenth and one more in the second after a rest`() {
        var bucket = TokenBucket(perSecond: 50, millionths: 0, filledAt: Self.start)
        var taken = 0
        for step in 1...1_000 { taken += bucket.take(10, at: Self.start.adding(.milliseconds(10 * step))) }
        #expect(taken == 500)
        var afterRest = 0
        for step in 0..<100 {
            afterRest += bucket.take(1_000, at: Self.start.adding(.milliseconds(3_600_000 + 10 * step)))
        }
        #expect((50...56).contains(afterRest))
    }

    /// A worker looks each 50 ms while messages wait, and a little later where it has much to do.
    @Test(arguments: [50, 52, 60, 100])
    func `NOT-10: is all of its rate, whatever that is, to a worker that looks now and then`(milliseconds: Int) {
        for rate in 1...100 {
            var bucket = TokenBucket(perSecond: rate, millionths: 0, filledAt: Self.start)
            let looks = 20_000 / milliseconds
            var taken = 0
            for look in 1...looks {
                taken += bucket.take(16, at: Self.start.adding(.milliseconds(milliseconds * look)))
            }
            let all = rate * looks * milliseconds / 1_000
            #expect(taken == all, "\(rate) in a second")
        }
    }

    @Test func `NOT-10: is its rate, and no more, from the moment the database's clock was set back by an hour`() {
        var bucket = TokenBucket(perSecond: 20, millionths: 0, filledAt: Self.start.adding(.seconds(3_600)))
        var taken = 0
        for step in 0...200 { taken += bucket.take(100, at: Self.start.adding(.milliseconds(50 * step))) }
        #expect(taken == 200)
    }

    @Test func `NOT-11: is one message now and then where its rate is less than ten in a second`() {
        var bucket = TokenBucket(perSecond: 2, millionths: 0, filledAt: Self.start)
        let times = (1...40).filter { bucket.take(5, at: Self.start.adding(.milliseconds(100 * $0))) > 0 }
        #expect(times == [5, 10, 15, 20, 25, 30, 35, 40])
    }

    @Test func `NOT-10: is what holds for its account, or for all that are not named`() {
        let rates = GatewayRates("50, smsfactor=20 ,smtp=0")
        #expect(rates?.perSecond(of: "smsfactor") == 20 && rates?.perSecond(of: "kannel") == 50)
        #expect(rates?.perSecond(of: "smtp") == nil && rates?.names == ["smsfactor", "smtp"])
        let named = GatewayRates("kannel=30")
        #expect(named?.perSecond(of: "kannel") == 30 && named?.perSecond(of: "smsfactor") == nil)
        #expect(GatewayRates("0") == GatewayRates.unlimited)
        #expect(rates?.isAnyLimited == true && named?.isAnyLimited == true)
        #expect(GatewayRates("0,smtp=0")?.isAnyLimited == false)
        for text in ["", "a", "=5", "kannel=", "kannel=-1", "10001", "5,6", "kannel=1,kannel=2", "a=b=1", "50,"] {
            #expect(GatewayRates(text) == nil, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("+32470123456", ["twilio", "a", "b"]), ("+14155550123", ["twilio", "a", "b"]),
            ("+33612345678", ["a", "twilio", "b"]), ("+262692123456", ["a", "twilio", "b"]),
            ("+687751234", ["a", "twilio", "b"]),
        ])
    func `NOT-1: is what leaves France at Twilio first, where there is an account, and else as the organisation says`(
        number: String, order: [String]
    ) {
        #expect(GatewayOrder.order(["a", "twilio", "b"], for: number) == order)
        #expect(GatewayOrder.order(["a", "b"], for: number) == ["a", "b"])
    }

    @Test func `NOT-1: is nothing where there is no account for it any more, whatever an organisation wants`() {
        let all = ["a", "b", "c"]
        #expect(GatewayOrder.own(nil, of: all) == all)
        #expect(GatewayOrder.own(["c", "a"], of: all) == ["c", "a"])
        // A number abroad would go to it first, and wait for ever.
        #expect(GatewayOrder.own(["b", "twilio", "a"], of: all) == ["b", "a"])
        #expect(GatewayOrder.order(GatewayOrder.own(["b", "twilio"], of: all), for: "+32470123456") == ["b"])
        #expect(GatewayOrder.own(["twilio"], of: all) == all && GatewayOrder.own([], of: all) == all)
    }

    @Test func `NOT-1: goes to the next gateway in the organisation's order, past those that are left alone`() {
        let order = ["a", "b", "c"]
        #expect(GatewayOrder.next(after: "a", in: order) == "b")
        #expect(GatewayOrder.next(after: "c", in: order) == "a")
        #expect(GatewayOrder.next(after: "a", in: order, leavingOut: ["b"]) == "c")
        #expect(GatewayOrder.next(after: "a", in: order, leavingOut: ["b", "c"]) == "a")
        #expect(GatewayOrder.next(after: "gone", in: order) == "a")
        #expect(GatewayOrder.next(after: "a", in: ["a"]) == "a")
    }
}
