using System.Collections.Immutable;
using FedRec.Contracts.Federations;

namespace FedRec.Contracts.Clients;

/// <summary>What a party says of its data: powers of two and bands, and nothing for kinds of items that fewer users than the minimum cohort have.</summary>
/// <param name="Users">A power of two.</param>
/// <param name="Interactions">A power of two.</param>
/// <param name="Density">Share of the pairs of its users and its items that are interactions.</param>
/// <param name="PopularityGini">Gini coefficient of the popularity of its items.</param>
/// <param name="TopTenthShare">Share of its interactions that the most popular tenth of its items has.</param>
/// <param name="MedianAgeDays">Lower end of the age band of its median event, in days; null without times or without a newest day.</param>
/// <param name="LastAgeDays">The same of its last event.</param>
/// <param name="Interests">Interactions of each kind of item, as powers of two; 0 where too few users have one.</param>
/// <param name="NewestDay">End of the day of its last event, in seconds since 1970; null without times.</param>
[GenerateSerializer, Immutable, Alias("fedrec.data-summary")]
public sealed record DataSummary(
    [property: Id(0)] long Users,
    [property: Id(1)] long Interactions,
    [property: Id(2)] PercentBand Density,
    [property: Id(3)] PercentBand PopularityGini,
    [property: Id(4)] PercentBand TopTenthShare,
    [property: Id(5)] int? MedianAgeDays,
    [property: Id(6)] int? LastAgeDays,
    [property: Id(7)] ImmutableArray<long> Interests,
    [property: Id(8)] long? NewestDay);
