import PaymentModel
import PaymentOrchestratorDomain
import Testing

@Suite struct `PAY-5: a code read out at the desk` {
    private static let right: [UInt8] = [1, 2, 3]
    private static let wrong: [UInt8] = [1, 2, 4]
    private static let now = PaymentExamples.now

    private static let terms = PaymentTerms(
        id: PaymentID(7), debt: nil, client: ClientID(9), amount: PaymentExamples.amount, plan: .now,
        provider: .alma,
        account: ProviderAccountID(10), channel: .browser, confirmation: .code, feeOffered: false,
        expiresAt: now.adding(.seconds(86_400)))

    private static func code(_ number: UInt64) -> Verification.Code {
        Verification.Code(id: VerificationID(UInt128(number)), fingerprint: right, keyID: "first")
    }

    private func asked() throws -> Payment {
        var payment = Payment.request(Self.terms, at: PaymentExamples.now).payment
        _ = try payment.askForCode(Self.code(1), at: Self.now)
        return payment
    }

    @Test func `lets the provider be asked only once it was right`() throws {
        var payment = try asked()
        #expect(throws: PaymentRejection.notConfirmed) {
            _ = try payment.start(PaymentExamples.attempt, at: Self.now)
        }
        #expect(try payment.verify(Self.wrong, at: Self.now).outcome == .wrong(triesLeft: 4))
        #expect(try payment.verify(Self.right, at: Self.now).outcome == .verified)
        _ = try payment.start(PaymentExamples.attempt, at: Self.now)
        #expect(payment.state == .starting)
    }

    @Test func `is no longer good after five wrong ones or ten minutes, and another one is`() throws {
        var payment = try asked()
        for left in (0..<Verification.triesMax).reversed() {
            #expect(try payment.verify(Self.wrong, at: Self.now).outcome == .wrong(triesLeft: left))
        }
        #expect(throws: VerificationRejection.triesUsedUp) { _ = try payment.verify(Self.right, at: Self.now) }
        let later = Self.now.adding(.seconds(60))
        _ = try payment.askForCode(Self.code(2), at: later)
        let tooLate = later.adding(Verification.lifetime)
        #expect(throws: VerificationRejection.expired) { _ = try payment.verify(Self.right, at: tooLate) }
        #expect(!payment.isConfirmed)
    }

    @Test func `is not sent too often, nor for a payment that wants none`() throws {
        var payment = try asked()
        #expect(throws: VerificationRejection.tooSoon(seconds: 30)) {
            _ = try payment.askForCode(Self.code(2), at: Self.now)
        }
        var now = Self.now
        for number in 2...UInt64(Verification.codesMax) {
            now = now.adding(Verification.pause)
            _ = try payment.askForCode(Self.code(number), at: now)
        }
        #expect(throws: VerificationRejection.codesUsedUp) {
            _ = try payment.askForCode(Self.code(9), at: now.adding(.seconds(3_600)))
        }
        var plain = Payment.request(PaymentExamples.terms, at: PaymentExamples.now).payment
        #expect(throws: VerificationRejection.notWanted) { _ = try plain.askForCode(Self.code(1), at: Self.now) }
        #expect(plain.isConfirmed)
    }

    @Test func `whatever is tried, only the right one within its tries and time confirms`() {
        holds { generator in
            var payment = Payment.request(Self.terms, at: PaymentExamples.now).payment
            var (now, wrongOnes, sentAt): (Instant, Int, Instant?) = (Self.now, 0, nil)
            for step in 1...40 as ClosedRange<UInt64> {
                now = now.adding(.seconds(generator.number(0...240)))
                switch generator.number(0...3) {
                case 0:
                    guard (try? payment.askForCode(Self.code(step), at: now)) != nil else { continue }
                    (wrongOnes, sentAt) = (0, now)
                case 1, 2:
                    if (try? payment.verify(Self.wrong, at: now)) != nil, !payment.isConfirmed { wrongOnes += 1 }
                default:
                    let was = payment.isConfirmed
                    let answer = try? payment.verify(Self.right, at: now)
                    let inTime = sentAt.map { now - $0 < Verification.lifetime } ?? false
                    let allowed = was || (inTime && wrongOnes < Verification.triesMax)
                    guard (answer?.outcome == .verified) == allowed else { return false }
                }
                guard wrongOnes <= Verification.triesMax else { return false }
                guard (payment.verification?.number ?? 0) <= Verification.codesMax else { return false }
            }
            return true
        }
    }
}
