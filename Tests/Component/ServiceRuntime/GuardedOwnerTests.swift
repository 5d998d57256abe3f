import HTTPClient
import HTTPServer
import Logging
import PaymentModel
import ServiceRuntime
import Synchronization
import Testing

/// NOT-10, NOT-11: a service that gives no answer does not hold who asks it.
@Suite struct `A service that many ask` {
    private static let leftAlone = "its owner gave no answer a moment ago"

    /// A clock that goes on when it is told to.
    private final class Clock: Sendable {
        private let instant = Mutex(Instant(secondsSince1970: 1_800_000_000))

        var time: TimeSource { TimeSource { self.instant.withLock { $0 } } }

        func goOn(_ seconds: Int) { instant.withLock { $0 = $0.adding(.seconds(seconds)) } }
    }

    /// Nobody listens where it should be.
    private func away(_ clock: Clock) throws -> GuardedOwner {
        let settings = try Settings(
            [StandardSettings.tokenIssuer, StandardSettings.tokenAudience], from: Environment([:]))
        let owner = AskOwner.Owner(name: "invoicing", baseURL: "http://127.0.0.1:1", scope: "invoices:read")
        let asker = AskOwner.Asker(name: "notification", key: try SigningKey.generate(id: "tests"), settings: settings)
        let ask = AskOwner(
            owner, as: asker, client: HTTPClient(logger: Logger(label: "component")), time: clock.time)
        return GuardedOwner(ask, time: clock.time, failuresMax: 3, rest: .seconds(10))
    }

    /// Why there was no answer.
    private func reason(_ owner: GuardedOwner) async -> String {
        do throws(OwnerUnavailable) {
            _ = try await owner.get("/document", in: OrganisationID(1), bytesMax: 1_000, within: .seconds(5))
            return "there was one"
        } catch {
            #expect(error.wasAsked == (error.reason != Self.leftAlone))
            return error.reason
        }
    }

    @Test func `is left alone after three questions without an answer, and then asked by one at a time`() async throws {
        let clock = Clock()
        let owner = try away(clock)
        for _ in 0..<3 {
            #expect(!owner.isResting)
            #expect(await reason(owner) != Self.leftAlone)
        }
        #expect(await reason(owner) == Self.leftAlone)
        clock.goOn(9)
        #expect(await reason(owner) == Self.leftAlone)
        #expect(owner.isResting)
        clock.goOn(1)
        #expect(!owner.isResting, "somebody may ask it again")
        #expect(await reason(owner) != Self.leftAlone, "somebody finds out whether it answers again")
        #expect(await reason(owner) == Self.leftAlone)
    }

    @Test func `that says anything at all is asked on, also where nobody can read it or there is no such thing`() {
        #expect(OwnerUnavailable(reason: "refused", status: 503).hasAnswered)
        #expect(OwnerUnavailable(reason: "too large", isFinal: true).hasAnswered)
        #expect(OwnerUnavailable(reason: "unreadable", hasAnswered: true).hasAnswered)
        #expect(!OwnerUnavailable(reason: "away").hasAnswered)
    }

    @Test func `is given nothing after failures in a row, then one thing, then all again`() {
        let start = Instant(secondsSince1970: 1_800_000_000)
        var breaker = Breaker()
        for _ in 0..<4 { breaker.fail(at: start, failuresMax: 5, rest: .seconds(30)) }
        #expect(breaker.permit(7, at: start, rest: .seconds(30)) == 7)
        breaker.fail(at: start, failuresMax: 5, rest: .seconds(30))
        #expect(breaker.permit(7, at: start.adding(.seconds(29)), rest: .seconds(30)) == 0)
        let later = start.adding(.seconds(30))
        #expect(breaker.permit(7, at: later, rest: .seconds(30)) == 1)
        #expect(breaker.permit(7, at: later, rest: .seconds(30)) == 0, "the one that was let through is waited for")
        breaker.giveBack(at: later)
        #expect(breaker.permit(7, at: later, rest: .seconds(30)) == 1, "there was nothing to try it with")
        breaker.succeed()
        #expect(breaker.permit(7, at: later, rest: .seconds(30)) == 7)
    }

    @Test func `is left alone no longer than a rest takes where the clock was set back meanwhile`() {
        let start = Instant(secondsSince1970: 1_800_000_000)
        var breaker = Breaker()
        breaker.fail(at: start, failuresMax: 1, rest: .seconds(30))
        #expect(breaker.rests(at: start, rest: .seconds(30)))
        let earlier = start.adding(.seconds(-3_600))
        #expect(!breaker.rests(at: earlier, rest: .seconds(30)))
        #expect(breaker.permit(7, at: earlier, rest: .seconds(30)) == 1)
        #expect(breaker.permit(7, at: earlier, rest: .seconds(30)) == 0, "the one that was let through is waited for")
        #expect(breaker.permit(7, at: earlier.adding(.seconds(30)), rest: .seconds(30)) == 1)
    }
}
