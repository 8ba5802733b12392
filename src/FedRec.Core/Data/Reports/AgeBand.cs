namespace FedRec.Core.Data.Reports;

/// <summary>How long something was before the newest day of a federation; the value is the band's lower end in days.</summary>
public enum AgeBand
{
    /// <summary>Less than a day.</summary>
    Day = 0,

    /// <summary>A day or more, less than 7.</summary>
    Week = 1,

    /// <summary>7 days or more, less than 30.</summary>
    Month = 7,

    /// <summary>30 days or more, less than 90.</summary>
    Quarter = 30,

    /// <summary>90 days or more, less than 365.</summary>
    Year = 90,

    /// <summary>365 days or more.</summary>
    Older = 365,
}
