import HTTPServer
import PaymentModel

/// A place in a list that is in the order of days, and on a day in that of ids.
protocol DayPlace {
    associatedtype ID: Identifier

    static var beginning: Self { get }
    var id: ID { get }

    init(day: LocalDate, id: ID)
}

extension DayPlace {
    /// Where a page begins; what a cursor of another list holds reads as the beginning.
    init(_ cursor: Cursor?) {
        let keys = cursor?.keys ?? []
        guard keys.count == 2, let day = LocalDate(keys[0]), let id = ID(keys[1]) else {
            self = .beginning
            return
        }
        self.init(day: day, id: id)
    }
}

extension EntryPlace: DayPlace {}
extension ExpectationPlace: DayPlace {}
extension FeePlace: DayPlace {}
extension PayoutPlace: DayPlace {}
