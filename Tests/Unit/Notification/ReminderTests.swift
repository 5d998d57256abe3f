import NotificationDomain
import PaymentModel
import Testing

/// NOT-3, NOT-4: what is planned for a local day.
@Suite struct `A reminder` {
    private static let day = LocalDate.earliest.adding(days: 739_000)

    @Test(arguments: Reminder.State.allCases)
    func `is moved, called off and released only while it is planned`(state: Reminder.State) {
        func does(_ body: (inout Reminder) throws -> Void) -> Bool {
            var reminder = Reminder(id: MessageID(1), state: state, day: Self.day)
            return (try? body(&reminder)) != nil
        }
        let isPlanned = state == .planned
        #expect(does { try $0.move(to: Self.day.adding(days: 1), .morning) } == isPlanned)
        #expect(does { try $0.callOff() } == isPlanned)
        #expect(does { try $0.release() } == isPlanned)
    }

    @Test func `NOT-3: is for now or later, the minute that was included, and for nothing before`() {
        holds { generator in
            let now = Instant(secondsSince1970: 1_800_000_000)
            let seconds = generator.number(-400...400)
            return Reminder.isPast(now.adding(.seconds(seconds)), at: now) == (seconds < -120)
        }
    }

    @Test(arguments: [
        ("08:00", 480), ("00:00", 0), ("23:59", 1_439), ("24:00", nil), ("08:60", nil), ("8:00", nil), ("08-00", nil),
        ("+8:00", nil), ("0८:00", nil), ("", nil),
    ])
    func `is at a time of the day`(text: String, minutes: Int?) {
        #expect(LocalTime(text)?.minutes == minutes)
    }

    @Test func `NOT-4: notices are two days before each debit, once for each day, and none for what is nearer`() {
        holds { generator in
            let schedule = (0..<generator.number(0...8)).map { _ in
                ScheduledInstalment(
                    dueOn: Self.day.adding(days: generator.number(-5...60)),
                    amount: .euros(cents: generator.number(0...2) * 1_000), customerFee: .zero(.eur))
            }
            let notices = DebitNotice.all(of: schedule, knownOn: Self.day)
            let days = Set(
                schedule.filter { $0.amount.isPositive && $0.dueOn > Self.day.adding(days: 2) }.map(\.dueOn))
            return Set(notices.map(\.dueOn)) == days && notices.count == days.count
                && notices.allSatisfy { $0.tellOn.adding(days: 2) == $0.dueOn && $0.tellOn > Self.day }
        }
    }

    @Test(arguments: [(-1, nil), (0, nil), (1, 0), (2, 0), (3, 1), (30, 28)] as [(Int, Int?)])
    func `NOT-4: a debit a changed schedule brings nearer than two days is told the same day, unless it was by then`(
        dueIn days: Int, toldIn: Int?
    ) {
        let instalment = ScheduledInstalment(
            dueOn: Self.day.adding(days: days), amount: .euros(cents: 1_000), customerFee: .zero(.eur))
        let notices = DebitNotice.all(of: [instalment, instalment], knownOn: Self.day, .toldAtOnce)
        #expect(notices.map(\.tellOn) == toldIn.map { [Self.day.adding(days: $0)] } ?? [])
    }

    @Test(arguments: [
        (1, "13:00", 0, "13:00", 1), (1, "23:30", 1, "08:00", 2), (2, "23:30", 1, "08:00", 2),
        (1, "20:00", 1, "08:00", 2), (1, "19:59", 0, "19:59", 1), (1, "03:00", 0, "08:00", 1),
        (3, "23:30", 1, "08:00", 3),
    ])
    func `NOT-4: what is heard of at night is told in the morning, be it the one of the debit`(
        dueIn days: Int, at time: String, toldIn: Int, toldAt: String, lateIn: Int
    ) throws {
        let instalment = ScheduledInstalment(
            dueOn: Self.day.adding(days: days), amount: .euros(cents: 1_000), customerFee: .zero(.eur))
        let notice = try #require(DebitNotice.all(of: [instalment], knownOn: Self.day, .toldAtOnce).first)
        let moment = notice.moment(knownOn: Self.day, at: try #require(LocalTime(time)), in: .standard)
        #expect(moment.day == Self.day.adding(days: toldIn) && moment.time.description == toldAt)
        #expect(notice.lateOn(toldOn: moment.day) == Self.day.adding(days: lateIn))
    }
}
