import HTTPServer
import PaymentModel

/// A place in a list that is in the order of days, and on a day in that of ids.
protocol DayPlace: Sendable {
    associatedtype ID: Identifier

    var id: ID { get }

    init(day: LocalDate, id: ID)
}

extension DayPlace {
    /// The place that a cursor's keys name; nil when they are another list's.
    init?(keys: [String]) {
        guard keys.count == 2, let day = LocalDate(keys[0]), let id = ID(keys[1]) else { return nil }
        self.init(day: day, id: id)
    }
}

extension Fields {
    /// The page that is asked for of a list that is in the order of days.
    func page<Place: DayPlace>(by place: Place.Type) -> PageRequest<Place> { page { Place(keys: $0) } }
}

extension EntryPlace: DayPlace {}
extension ExpectationPlace: DayPlace {}
extension FeePlace: DayPlace {}
extension PayoutPlace: DayPlace {}
