import PaymentModel
import PaymentOrchestratorDomain
import Testing

/// The state machine as one table: a state, an event, and the state it leads to or the refusal it meets.
private let table = """
    from       start        opened     startRefused neverReached startLost  sawPending sawPaid  sawRefused sawCancelled sawExpired sawLapsed cancel       expire     refund   link        erase
    requested  starting     !attempt   !attempt     !attempt     !attempt   !attempt   !attempt !attempt   !attempt     !attempt   !attempt  cancelled    expired    !notPaid requested   cancelled
    starting   !inProgress  open       refused      requested    unknown    open       accepted refused    cancelled    expired    requested starting     starting   !notPaid starting    starting
    unknown    !unknown     open       refused      requested    unknown    open       accepted refused    cancelled    expired    requested unknown      unknown    !notPaid !unknown    unknown
    open       !alreadyOpen open       open         open         open       open       accepted refused    cancelled    expired    requested cancelling   cancelling !notPaid open        open
    cancelling !cancelling  cancelling cancelling   cancelling   cancelling cancelling accepted refused    cancelled    expired    cancelled cancelling   cancelling !notPaid !cancelling cancelling
    accepted   !closed      accepted   accepted     accepted     accepted   accepted   accepted accepted   accepted     accepted   accepted  !alreadyPaid accepted   accepted !closed     accepted
    refused    !closed      refused    refused      refused      refused    refused    accepted refused    refused      refused    refused   !closed      refused    !notPaid !closed     refused
    cancelled  !closed      cancelled  cancelled    cancelled    cancelled  cancelled  accepted cancelled  cancelled    cancelled  cancelled !closed      cancelled  !notPaid !closed     cancelled
    expired    !closed      expired    expired      expired      expired    expired    accepted expired    expired      expired    expired   !closed      expired    !notPaid !closed     expired
    """

private struct Cell: Sendable, CustomTestStringConvertible {
    let state: PaymentState
    let event: PaymentEvent
    let expected: String

    var testDescription: String { "\(state) + \(event) → \(expected)" }
}

private func cells() -> [Cell] {
    let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let events = rows[0].dropFirst().compactMap(PaymentEvent.init(rawValue:))
    return rows.dropFirst().flatMap { row in
        zip(events, row.dropFirst()).compactMap { event, expected in
            PaymentState(rawValue: row[0]).map { Cell(state: $0, event: event, expected: expected) }
        }
    }
}

private func name(of rejection: PaymentRejection) -> String {
    switch rejection {
    case .startInProgress: "!inProgress"
    case .alreadyOpen: "!alreadyOpen"
    case .outcomeUnknown: "!unknown"
    case .beingCancelled: "!cancelling"
    case .agreed: "!agreed"
    case .notConfirmed: "!notConfirmed"
    case .linkExpired: "!linkExpired"
    case .linkJustSent: "!linkJustSent"
    case .closed: "!closed"
    case .alreadyPaid: "!alreadyPaid"
    case .notPaid: "!notPaid"
    case .refundNotPositive: "!refundNotPositive"
    case .refundInOtherCurrency: "!refundInOtherCurrency"
    case .refundTooLarge: "!refundTooLarge"
    case .refundDisputed: "!refundDisputed"
    case .unknownRefund: "!unknownRefund"
    case .refundBeingOrdered: "!refundBeingOrdered"
    case .unknownAttempt: "!attempt"
    case .clientErased: "!erased"
    }
}

@Suite struct `A payment's state machine` {
    @Test func `has a row for every state and a column for every event`() {
        #expect(cells().count == PaymentState.allCases.count * PaymentEvent.allCases.count)
        #expect(Set(cells().map { "\($0.state)\($0.event)" }).count == cells().count)
    }

    @Test(arguments: cells())
    private func `goes where the table says`(_ cell: Cell) throws {
        var payment = try PaymentExamples.payment(in: cell.state)
        let before = payment
        do throws(PaymentRejection) {
            _ = try cell.event.apply(to: &payment)
            #expect(payment.state.rawValue == cell.expected)
        } catch {
            #expect(name(of: error) == cell.expected)
            #expect(payment == before, "a refusal changes nothing")
        }
    }

    @Test(arguments: PaymentState.allCases, PaymentEvent.allCases)
    func `says nothing new when the same thing happens again`(_ state: PaymentState, _ event: PaymentEvent) throws {
        var payment = try PaymentExamples.payment(in: state)
        guard (try? event.apply(to: &payment)) != nil else { return }
        let once = payment
        let again = (try? event.apply(to: &payment)) ?? []
        // Only a start tells of a new link opening, and it is refused the second time.
        #expect(again.isEmpty)
        #expect(payment == once)
    }
}
